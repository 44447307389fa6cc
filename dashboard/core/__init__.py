"""Everything Lightbox knows how to do; imports no user-interface library."""

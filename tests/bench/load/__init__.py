"""What Lightbox does under load: BAD_INPUT.md, L1 to L4 and L6 to L9."""

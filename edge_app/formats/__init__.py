"""What picture files say of themselves, and whether they are whole, before a decoder takes them."""

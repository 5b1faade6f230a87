"""What Pixel knows of psychology: categories, frameworks, modalities, and finding passages about them."""

"""What drew or trained the files of data/, and the pictures of the README."""

"""The site: lessons to read without a kernel, and pages to look things up."""

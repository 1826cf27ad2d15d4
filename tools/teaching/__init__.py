"""What a lecturer needs beside the lessons: sheets with solutions, mistakes and questions."""

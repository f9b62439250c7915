"""What the book adds to the pages that Sphinx writes: less weight, cards, buttons, a PDF."""

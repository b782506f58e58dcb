"""NetworkLab: a network that a reader can question. Open `page` first, then ``lab_view.js``."""

"""The slice browser: six maps of a patient in three planes. Open `browser` first."""

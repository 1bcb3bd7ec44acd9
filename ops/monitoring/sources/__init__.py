"""Where figures come from: each subject is read in one place, cheaply, and never for longer than TIMEOUT."""

"""What the platform and its servers do: measured once, shown by `/metrics`, the doctor, alerts and the admin."""

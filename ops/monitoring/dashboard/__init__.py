"""The pages of the admin that show how the platform's machinery does; they need nothing but the database."""

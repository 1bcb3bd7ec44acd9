"""The core of FoodShare: people, food posts, exchanges and the REST API; the project's settings."""

"""Pictures of the product for the README, and of every main page for whoever looks after its looks."""

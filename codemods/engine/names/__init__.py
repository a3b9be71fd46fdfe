"""What names mean: inside a module, across modules, and which versions the repository asks for."""

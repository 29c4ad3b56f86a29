"""The style guide: every screen and every control as it can look, pictured and measured."""

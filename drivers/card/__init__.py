"""Social-security cards: bytes below, the card application above."""

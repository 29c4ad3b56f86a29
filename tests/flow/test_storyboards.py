"""Plays every storyboard: they are the specification of what citizens see and do."""

from pathlib import Path

import pytest

from tests.helpers.storyboard import Player, Story, stories
from tests.helpers.virtual_time import run

FILES = sorted(Path(__file__).parent.glob("*.story"))
STORIES = [
    pytest.param(story, file.name, id=f"{file.stem}: {story.title}") for file in FILES for story in stories(file)
]


@pytest.mark.parametrize(("story", "file"), STORIES)
def test_story(story: Story, file: str) -> None:
    run(Player(story, file).play())

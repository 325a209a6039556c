# SPDX-License-Identifier: Apache-2.0
"""What the codec's tests share: no server, only the tool that TEST_CODEC_ECHO names."""

import codec_tool
import pytest


@pytest.fixture(scope="session")
def codec():
    """The tool, running; it must end cleanly after all that was sent to it."""
    tool = codec_tool.CodecTool()
    yield tool
    assert tool.close() == 0


@pytest.fixture(scope="session")
def catalogue():
    """What the codec says that it knows."""
    return codec_tool.catalogue()

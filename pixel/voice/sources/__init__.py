"""Where recordings come from: playlists that somebody consented to, and folders of audio."""

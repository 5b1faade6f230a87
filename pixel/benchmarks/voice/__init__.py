"""What the voice part has to show: figures on real and planted speech, one question a file."""

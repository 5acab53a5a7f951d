"""Sound that a media server forwards, packet by packet, into a file that can be sealed as it grows."""

"""The catalogue for people: pages, feed, table and poster."""

"""Tests of the screens beside the main one."""

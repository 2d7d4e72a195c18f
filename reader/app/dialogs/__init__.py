"""Dialogs and small screens: choosers, export, links, help, the manual, problems, settings."""

"""What stands around every view: breadcrumbs and status, places, result line, footer, overlays."""

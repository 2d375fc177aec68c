"""Word and Excel in and out: notices read and checked, tables written."""

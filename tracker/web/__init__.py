"""What pages of every feature share: guards, errors, fields, headers, formats. Knows no feature."""

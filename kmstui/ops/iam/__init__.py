"""Operations of AWS Identity and Access Management."""

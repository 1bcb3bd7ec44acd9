"""Operations: servers, schema checks, benchmarks and upkeep. Nothing imports this room but tests."""

"""Study designs of CDISC and TransCelerate's Unified Study Definitions Model (USDM)."""

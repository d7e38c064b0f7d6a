"""How bytes reach one origin and come back, by a deadline: the only importer of h11 and httpx."""

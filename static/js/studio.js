// What every page needs and HTML cannot do by itself. Nothing here is required for a page to work.

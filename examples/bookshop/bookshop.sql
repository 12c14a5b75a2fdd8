-- A small bookshop: own work, free to use. Columns chosen to show dates, exact money, blobs, NULLs and 64-bit numbers.
CREATE TABLE author (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  born DATE
);
CREATE TABLE book (
  id INTEGER PRIMARY KEY,
  author_id INTEGER NOT NULL REFERENCES author (id),
  title TEXT NOT NULL,
  isbn TEXT UNIQUE,
  published DATE,
  price DECIMAL(8, 2) NOT NULL CHECK (price >= 0),
  cover BLOB,
  barcode BIGINT
);
CREATE TABLE sale (
  id INTEGER PRIMARY KEY,
  book_id INTEGER NOT NULL REFERENCES book (id) ON DELETE CASCADE,
  sold_at DATETIME NOT NULL,
  quantity INTEGER NOT NULL DEFAULT 1
);
CREATE VIEW bestseller AS
  SELECT book.id, book.title, sum(sale.quantity) AS sold FROM book JOIN sale ON sale.book_id = book.id GROUP BY book.id ORDER BY sold DESC;

INSERT INTO author VALUES (1, 'Stanisław Lem', '1921-09-12'), (2, 'Wisława Szymborska', '1923-07-02'), (3, 'Ursula K. Le Guin', '1929-10-21');
INSERT INTO book VALUES
  (1, 1, 'Solaris', '978-0-15-602760-1', '1961-01-01', 39.90, X'89504E47', 9007199254740993),
  (2, 1, 'Cyberiada', '978-0-15-623550-1', '1965-01-01', 34.50, NULL, NULL),
  (3, 2, 'Wołanie do Yeti', NULL, '1957-01-01', 29.00, NULL, NULL),
  (4, 3, 'The Dispossessed', '978-0-06-051275-0', '1974-05-01', 45.00, NULL, NULL);
INSERT INTO sale VALUES (1, 1, '2026-11-02T10:15:00Z', 3), (2, 4, '2026-11-03T17:40:00Z', 1), (3, 1, '2026-11-05T12:00:00Z', 2), (4, 2, '2026-11-09T09:30:00Z', 1);

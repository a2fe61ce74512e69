package dev.caravan.catalog.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

class SessionTest {

  @TempDir private Path folder;
  private Connections connections;
  private Session session;

  @BeforeEach
  void open() {
    SQLiteConfig config = new SQLiteConfig();
    config.setGetGeneratedKeys(false);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + folder.resolve("t.db"));
    connections = new Connections(source);
    session = connections.open();
    session.execute("CREATE TABLE t (a TEXT, b INTEGER)");
  }

  @AfterEach
  void close() {
    session.close();
    connections.close();
  }

  private void insert(String a, Integer b) {
    session.createUpdate("INSERT INTO t VALUES (:a, :b)").bind("a", a).bind("b", b).execute();
  }

  @Test
  void aNameMayStandTwiceAndAColonInTextIsNoName() {
    insert("x:y", 1);
    List<String> found =
        session
            .createQuery("SELECT a FROM t WHERE (:b IS NULL OR b = :b) AND a <> ':c' AND a = :a")
            .bind("a", "x:y")
            .bind("b", 1)
            .mapToString()
            .list();
    assertThat(found).containsExactly("x:y");
  }

  @Test
  void aListStandsWhereItsNameStandsInBrackets() {
    insert("one", 1);
    insert("two", 2);
    insert("three", 3);
    SqlQuery query =
        session
            .createQuery("SELECT a FROM t WHERE b IN (<b>) ORDER BY b")
            .bindList("b", List.of(1, 3));
    assertThat(query.mapToString().list()).containsExactly("one", "three");
  }

  @Test
  void aMissingValueIsToldByItsName() {
    assertThatThrownBy(() -> session.createUpdate("DELETE FROM t WHERE a = :a").execute())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(":a");
  }

  @Test
  void nullIsNoAnswer() {
    assertThat(session.createQuery("SELECT MAX(b) FROM t").mapToLong().findOne()).isEmpty();
    insert("n", null);
    assertThat(session.createQuery("SELECT b FROM t").mapToLong().findOne()).isEmpty();
  }

  @Test
  void theSameChangeIsMadeWithManyValues() {
    SqlBatch batch = session.prepareBatch("INSERT INTO t VALUES (:a, :b)").bind("a", "same");
    for (int i = 0; i < 3; i++) {
      batch.bind("b", i).add();
    }
    assertThat(session.createQuery("SELECT SUM(b) FROM t WHERE a = 'same'").mapToLong().one())
        .isEqualTo(3);
  }

  @Test
  void moreStatementsThanAreKeptWorkAsWell() {
    for (int i = 0; i < 250; i++) {
      assertThat(session.createQuery("SELECT " + i % 125).mapToLong().one()).isEqualTo(i % 125);
    }
  }

  @Test
  void whatWasNotCommittedIsTakenBackWithTheConnection() {
    Session other = connections.open();
    other.begin();
    other.execute("INSERT INTO t VALUES ('lost', 1)");
    other.close();
    assertThat(session.createQuery("SELECT COUNT(*) FROM t").mapToLong().one()).isZero();
  }

  @Test
  void noStatementStaysOpenBehindAnAnswer() {
    insert("a", 1);
    insert("b", 2);
    assertThat(session.createQuery("SELECT a FROM t").mapToString().findOne()).isPresent();
    // SQLite refuses this while any statement of the connection is under way.
    session.execute("VACUUM");
  }
}

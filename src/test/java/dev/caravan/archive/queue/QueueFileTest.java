package dev.caravan.archive.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database is SupRsync's own, whoever made it first. */
class QueueFileTest {

  /** What SQLAlchemy makes of the Python package's classes. */
  private static final List<String> THEIRS =
      List.of(
          """
          CREATE TABLE supersync_v0 (
          \tid INTEGER NOT NULL,
          \tlocal_path VARCHAR NOT NULL,
          \tlocal_md5sum VARCHAR NOT NULL,
          \tarchive_name VARCHAR NOT NULL,
          \tremote_path VARCHAR NOT NULL,
          \ttimestamp FLOAT NOT NULL,
          \tremote_md5sum VARCHAR,
          \tcopied FLOAT,
          \tremoved FLOAT,
          \tfailed_copy_attempts INTEGER,
          \tdeletable BOOLEAN,
          \tignore BOOLEAN,
          \tPRIMARY KEY (id)
          )""",
          """
          CREATE TABLE timecode_dirs_v0 (
          \tid INTEGER NOT NULL,
          \ttimecode INTEGER NOT NULL,
          \tarchive_name VARCHAR NOT NULL,
          \tcompleted BOOLEAN,
          \tsynced BOOLEAN,
          \tfinalized BOOLEAN,
          \tfinalize_file_id INTEGER,
          \tPRIMARY KEY (id),
          \tFOREIGN KEY(finalize_file_id) REFERENCES supersync_v0 (id)
          )""");

  @TempDir Path folder;

  @Test
  void aDatabaseMadeHereHasTheColumnsThatThePythonPackageMakes() throws Exception {
    Path theirs = folder.resolve("theirs.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + theirs);
        Statement statement = connection.createStatement()) {
      for (String table : THEIRS) {
        statement.executeUpdate(table);
      }
    }
    Path ours = folder.resolve("deep/er/ours.db");
    QueueFile.open(ours).close();
    for (String table : List.of("supersync_v0", "timecode_dirs_v0")) {
      assertThat(columns(ours, table)).isNotEmpty().isEqualTo(columns(theirs, table));
    }
    assertThat(texts(ours, "PRAGMA journal_mode")).containsExactly("wal");
    assertThat(texts(ours, "SELECT \"table\" FROM pragma_foreign_key_list('timecode_dirs_v0')"))
        .containsExactly("supersync_v0");
  }

  private static List<String> columns(Path file, String table) throws SQLException {
    return texts(
        file,
        "SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || pk FROM pragma_table_info('"
            + table
            + "') ORDER BY cid");
  }

  private static List<String> texts(Path file, String question) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(question)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }

  @Test
  void aDatabaseThatThePythonPackageMadeIsReadAsItIs() throws Exception {
    Path file = folder.resolve("queue.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String table : THEIRS) {
        statement.executeUpdate(table);
      }
      // One row as the package writes it, and one as a careless script does.
      statement.executeUpdate(
          "INSERT INTO supersync_v0 VALUES"
              + " (7, '/d/a', 'm', 'A', 'x/a', 1.5, NULL, NULL, NULL, 0, 1, 0)");
      statement.executeUpdate(
          "INSERT INTO supersync_v0 (local_path, local_md5sum, archive_name, remote_path,"
              + " timestamp) VALUES ('/d/b', 'm', 'A', 'x/b', 2.5)");
    }
    try (QueueFile queue = QueueFile.open(file)) {
      List<QueueRow> rows = new QueueTable(queue, "A").listCopyable(5, 10.0, 10);
      assertThat(rows).extracting(QueueRow::localPath).containsExactlyInAnyOrder("/d/a", "/d/b");
      assertThat(rows).allMatch(row -> row.deletable() && !row.ignored() && row.attempts() == 0);
      assertThat(new QueueTable(queue, "A").list(Optional.of(QueueRow.State.QUEUED), 5, 0, 10))
          .hasSize(2);
    }
    QueueFile.open(file).close();
    assertThat(texts(file, "SELECT count(*) FROM supersync_v0")).containsExactly("2");
  }

  @Test
  void aDatabaseOfAnEarlierCaravanGetsTheColumnsThatCameLater() throws Exception {
    Path file = folder.resolve("queue.db");
    QueueFile.open(file).close();
    List<String> columns = columns(file, "caravan_file_v0");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("DROP INDEX caravan_place_v0");
      for (String column : List.of("place", "sha256_md5", "kept_at")) {
        statement.executeUpdate("ALTER TABLE caravan_file_v0 DROP COLUMN " + column);
      }
    }
    QueueFile.open(file).close();
    QueueFile.open(file).close();
    assertThat(columns(file, "caravan_file_v0")).hasSameSizeAs(columns);
  }

  @Test
  void theQuestionsOfAnIdleRoundUseTheirIndexes() throws Exception {
    Path file = folder.resolve("queue.db");
    QueueFile.open(file).close();
    assertThat(
            plan(
                file,
                "SELECT s.id FROM supersync_v0 s WHERE s.archive_name = 'A' AND s.removed IS NULL"
                    + " AND (s.remote_md5sum IS NULL OR s.remote_md5sum <> s.local_md5sum)"
                    + " ORDER BY s.failed_copy_attempts, s.id LIMIT 10"))
        .contains("caravan_waiting_v0")
        .doesNotContain("TEMP B-TREE");
    assertThat(
            plan(
                file,
                "SELECT s.id FROM supersync_v0 s WHERE s.archive_name = 'A' AND s.removed IS NULL"
                    + " AND s.remote_md5sum = s.local_md5sum AND s.timestamp < 5"
                    + " ORDER BY s.timestamp, s.id LIMIT 10"))
        .contains("caravan_held_v0")
        .doesNotContain("TEMP B-TREE");
    assertThat(
            plan(
                file,
                "SELECT s.id FROM supersync_v0 s WHERE s.archive_name = 'A' AND s.id > 7"
                    + " AND s.remote_md5sum = s.local_md5sum"
                    + " AND (instr('/' || s.remote_path, '//') > 0"
                    + " OR instr('/' || s.remote_path, '/./') > 0) ORDER BY s.id LIMIT 10"))
        .contains("caravan_odd_v0")
        .doesNotContain("TEMP B-TREE");
    assertThat(
            plan(
                file,
                "SELECT s.local_path FROM supersync_v0 s WHERE s.archive_name = 'A'"
                    + " ORDER BY s.timestamp + 0 DESC, s.id DESC LIMIT 1"))
        .contains("caravan_order_v0")
        .doesNotContain("TEMP B-TREE");
  }

  @Test
  void whoLiesAtAPlaceIsFoundWithoutGoingThroughTheArchive() throws Exception {
    Path file = folder.resolve("queue.db");
    QueueFile.open(file).close();
    String place = QueueTable.AT_PLACE.replace(":archive", "'A'").replace(":path", "'p'");
    assertThat(
            plan(
                file,
                "SELECT s.id FROM supersync_v0 s WHERE "
                    + place
                    + " AND s.id <> 1 AND s.remote_md5sum = s.local_md5sum ORDER BY s.id DESC"))
        .contains("SEARCH s USING INTEGER PRIMARY KEY", "caravan_remote_v0", "caravan_place_v0")
        .doesNotContain("SEARCH s USING INDEX");
  }

  private static String plan(Path file, String question) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("EXPLAIN QUERY PLAN " + question)) {
      while (rows.next()) {
        lines.add(rows.getString("detail"));
      }
    }
    return String.join("\n", lines);
  }
}

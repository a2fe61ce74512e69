package dev.caravan.archive.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.archive.queue.QueueRow.State;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How an archive stands follows whatever any program does to its rows. */
class TallyTest {

  private static final int MOST = 5;

  @TempDir Path folder;
  private Path path;
  private QueueFile file;
  private Tally tally;

  @BeforeEach
  void setUp() throws Exception {
    path = folder.resolve("queue.db");
    file = QueueFile.open(path);
    tally = new Tally(file, "A", MOST, false);
  }

  @AfterEach
  void tearDown() {
    tally.close();
    file.close();
  }

  private void sql(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String each : statements) {
        statement.executeUpdate(each);
      }
      connection.commit();
    }
  }

  private static String row(int id, String archive, double at, String rest) {
    return ("INSERT INTO supersync_v0 (id, local_path, local_md5sum, archive_name, remote_path,"
            + " timestamp, remote_md5sum, removed, failed_copy_attempts, ignore)"
            + " VALUES (%d, '/d/%d', 'm', '%s', 'x/%d', %s, %s)")
        .formatted(id, id, archive, id, Double.toString(at), rest);
  }

  @Test
  void nothingIsCountedAnewUntilSomebodyChangesSomething() throws Exception {
    sql(row(1, "A", 7.5, "NULL, NULL, 0, 0"));
    ArchiveStats first = tally.read(10);
    assertThat(first.states()).containsEntry(State.QUEUED, 1L);
    assertThat(tally.read(11).states()).isSameAs(tally.read(12).states());
    sql("UPDATE supersync_v0 SET remote_md5sum = 'm'");
    ArchiveStats copied = tally.read(13);
    assertThat(copied.states()).containsEntry(State.COPIED, 1L).containsEntry(State.QUEUED, 0L);
    assertThat(first.finalizedUntil()).isEqualTo(6.5);
    assertThat(copied.finalizedUntil()).isEqualTo(13.0);
    assertThat(tally.read(14).finalizedUntil()).as("counted before, asked now").isEqualTo(14.0);
    sql("DELETE FROM supersync_v0");
    assertThat(tally.read(15).numFiles()).as("rows may also be taken away").isZero();
  }

  @Test
  void theCountsAreThoseOfTheRowsHoweverTheyAreMixed() throws Exception {
    long seed = Long.getLong("caravan.seed", 8_020_206L);
    Random random = new Random(seed);
    String[] md5s = {"NULL", "'m'", "'other'"};
    String[] attempts = {"NULL", "0", "1", "4", "5", "9"};
    String[] ignores = {"NULL", "0", "0", "0", "1"};
    for (int i = 1; i <= 400; i++) {
      String removed = random.nextInt(3) > 0 ? "NULL" : random.nextBoolean() ? "0" : "5.5";
      sql(
          row(
              i,
              random.nextInt(4) > 0 ? "A" : "B",
              random.nextInt(100) / 4.0,
              "%s, %s, %s, %s"
                  .formatted(
                      pick(random, md5s), removed, pick(random, attempts), pick(random, ignores))));
      if (random.nextInt(3) == 0) {
        sql(
            "INSERT INTO caravan_file_v0 (file_id, archive_name, dead_at) VALUES (%d, 'A', %s)"
                .formatted(i, random.nextBoolean() ? "1.0" : "NULL"));
      }
      if (i % 40 == 0) {
        assertEachIsCounted("seed " + seed + ", row " + i);
      }
    }
  }

  private static String pick(Random random, String[] words) {
    return words[random.nextInt(words.length)];
  }

  /** Against what each single row says of itself. */
  private void assertEachIsCounted(String when) {
    ArchiveStats stats = tally.read(1_000);
    QueueTable queue = new QueueTable(file, "A");
    var rows = queue.list(Optional.empty(), MOST, 0, 10_000);
    for (State state : State.values()) {
      long expected = rows.stream().filter(row -> row.state(MOST) == state).count();
      assertThat(stats.states()).as("%s, %s", when, state).containsEntry(state, expected);
    }
    assertThat(stats.numFiles()).as(when).isEqualTo(rows.size());
    var waits = rows.stream().filter(row -> row.removed().isEmpty() && !row.isCopied()).toList();
    assertThat(stats.uncopiedFiles()).as(when).isEqualTo(waits.size());
    double since =
        waits.stream()
            .filter(row -> !row.ignored())
            .mapToDouble(QueueRow::timestamp)
            .min()
            .orElse(1_001);
    assertThat(stats.finalizedUntil()).as(when).isEqualTo(since - 1);
    assertThat(stats.lastFileAdded()).as(when).isEqualTo(newest(rows, false));
    assertThat(stats.lastFileCopied()).as(when).isEqualTo(newest(rows, true));
  }

  private static Optional<String> newest(java.util.List<QueueRow> rows, boolean copied) {
    return rows.stream()
        .filter(row -> !copied || row.isCopied())
        .reduce((one, other) -> other.timestamp() >= one.timestamp() ? other : one)
        .map(QueueRow::localPath);
  }
}

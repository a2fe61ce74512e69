package dev.caravan.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.caravan.event.StorePath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileViewsTest {

  /** In byte order. */
  private static final List<String> PATHS =
      List.of(
          "a",
          "a b",
          "a/b",
          "a/b/c",
          "ab",
          "b%_",
          "z",
          "é",
          "é/x",
          "éa",
          "\uD7FF",
          "\uE000x",
          "\uFFFF",
          "\uD83D\uDE00",
          "\uD83D\uDE00/x",
          "\uDBFF\uDFFF",
          "\uDBFF\uDFFFx");

  @TempDir Path folder;
  private Catalog catalog;
  private final Map<Integer, String> both = Map.of(1, "near", 2, "far");

  @BeforeEach
  void open() {
    catalog = Catalog.open(folder);
    catalog.commit(
        session -> {
          catalog.remotes().insert(session, "near", "n");
          catalog.remotes().insert(session, "far", "f");
        });
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private void seen(String path) {
    catalog.commit(
        session -> {
          catalog.files().recordSeen(session, List.of(Rows.file(path, 3)), 1);
          catalog.copies().recordPending(session, List.of(StorePath.of(path)), List.of(1, 2), 1);
        });
  }

  private void verified(String path, int remote) {
    catalog.commit(
        session -> {
          catalog.files().recordHash(session, Rows.file(path, 3), Rows.sha(3));
          catalog
              .copies()
              .recordVerified(session, Rows.file(path, 3), remote, Rows.held(Rows.sha(3), 3), 5);
        });
  }

  private List<String> list(String prefix, String after, int limit) {
    return catalog.views().list(both, prefix, Optional.empty(), after, limit).stream()
        .map(FileView::path)
        .toList();
  }

  private String word(String path, Map<Integer, String> remotes) {
    return catalog.views().list(remotes, path, Optional.empty(), "", 1).get(0).state();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a/",
        "a/b",
        "b%",
        "é",
        "é/",
        "\uD7FF",
        "\uE000",
        "\uFFFF",
        "\uD83D\uDE00",
        "\uDBFF\uDFFF",
        "nothing",
        "%"
      })
  void aPrefixFindsWhatBeginsWithItPageByPage(String prefix) {
    PATHS.forEach(this::seen);
    List<String> expected = PATHS.stream().filter(path -> path.startsWith(prefix)).toList();
    assertThat(list(prefix, "", 100)).isEqualTo(expected);
    List<String> paged = new ArrayList<>();
    List<String> page = list(prefix, "", 2);
    while (!page.isEmpty()) {
      paged.addAll(page);
      page = list(prefix, page.get(page.size() - 1), 2);
    }
    assertThat(paged).isEqualTo(expected);
  }

  @Test
  void oneWordSaysHowAFileStands() {
    seen("f");
    assertThat(word("f", both)).isEqualTo("local");
    verified("f", 1);
    assertThat(word("f", both)).isEqualTo("local");
    assertThat(word("f", Map.of(1, "near"))).isEqualTo("synced");
    assertThat(word("f", Map.of())).as("nobody is to hold it").isEqualTo("local");
    catalog.commit(
        session -> catalog.copies().recordFailed(session, StorePath.of("f"), 2, "no", 9));
    assertThat(word("f", both)).isEqualTo("failed");
    assertThat(word("f", Map.of(1, "near"))).isEqualTo("synced");
    verified("f", 2);
    assertThat(word("f", both)).isEqualTo("synced");
    catalog.commit(session -> catalog.files().recordPurged(session, List.of(StorePath.of("f"))));
    assertThat(word("f", both)).isEqualTo("purged");
  }

  @Test
  void aStateIsFilteredBeforeThePageIsCut() {
    for (int i = 0; i < 9; i++) {
      seen("f" + i);
    }
    verified("f7", 1);
    verified("f7", 2);
    assertThat(catalog.views().list(both, "", Optional.of("synced"), "", 2))
        .extracting(FileView::path)
        .containsExactly("f7");
    assertThat(catalog.views().count(both))
        .containsExactlyInAnyOrder(
            new FileViews.Count("local", 8, 24), new FileViews.Count("synced", 1, 3));
  }

  @Test
  void deletedFilesAreNotShown() {
    seen("f");
    catalog.commit(
        session -> {
          List<StorePath> paths = List.of(StorePath.of("f"));
          catalog.files().recordMissing(session, paths, 1);
          catalog.files().recordMissing(session, paths, 1);
          catalog.files().recordDeleted(session, paths);
        });
    assertThat(list("", "", 9)).isEmpty();
    assertThat(catalog.views().count(both)).isEmpty();
    assertThat(catalog.views().folders(Optional.empty(), 100)).isEmpty();
  }

  @Test
  void onlyConfiguredRemotesAreNamed() {
    seen("f");
    FileView view = catalog.views().list(Map.of(2, "far"), "f", Optional.empty(), "", 1).get(0);
    assertThat(view.copies()).containsOnlyKeys("far");
  }

  @Test
  void foldersCountTheFilesRightInThem() {
    PATHS.forEach(this::seen);
    seen("a/b2");
    seen("ü b/c d/e");
    assertThat(catalog.views().folders(Optional.empty(), 100))
        .extracting(FileViews.Folder::path, FileViews.Folder::files)
        .contains(tuple("a", 2L), tuple("a/b", 1L), tuple("ü b/c d", 1L), tuple("é", 1L));
    assertThat(
            catalog.views().folders(Optional.empty(), 100).stream()
                .mapToLong(FileViews.Folder::files)
                .sum())
        .isEqualTo(PATHS.size() + 2);
  }

  @Test
  void theOldestPendingFileSaysHowLongARemoteIsBehind() {
    assertThat(catalog.views().oldestPendingMillis(1)).isEmpty();
    seen("f");
    catalog.commit(
        session ->
            catalog.copies().recordPending(session, List.of(StorePath.of("f")), List.of(1), 50));
    assertThat(catalog.views().oldestPendingMillis(1))
        .as("it waits since it first did")
        .contains(1L);
    verified("f", 1);
    assertThat(catalog.views().oldestPendingMillis(1)).isEmpty();
    assertThat(catalog.views().countVerified(1)).isEqualTo(1);
  }

  /** A processor of which counting takes {@code took} nanoseconds, and a clock. */
  private static final class Cost {
    private long took;
    private long used;
    private long now;

    FileViews.Costs costs() {
      return new FileViews.Costs(() -> used += took / 2, () -> now);
    }
  }

  private static long files(FileViews views) {
    return views.count(Map.of(1, "near")).stream().mapToLong(FileViews.Count::files).sum();
  }

  @Test
  void whatIsQuickToCountIsAlwaysCountedAnew() {
    Cost cost = new Cost();
    cost.took = 50_000_000;
    FileViews views = new FileViews(catalog, cost.costs());
    seen("f");
    assertThat(files(views)).isEqualTo(1);
    seen("g");
    assertThat(files(views)).isEqualTo(2);
    assertThat(files(catalog.views())).isEqualTo(2);
  }

  @Test
  void whatIsLongToCountIsCountedForATenthOfTheTimeAtMost() {
    Cost cost = new Cost();
    cost.took = 2_000_000_000;
    FileViews views = new FileViews(catalog, cost.costs());
    seen("f");
    assertThat(files(views)).isEqualTo(1);
    seen("g");
    cost.now = 8_000_000_000L;
    assertThat(files(views)).isEqualTo(1);
    cost.now = 9_500_000_000L;
    assertThat(files(views)).isEqualTo(2);
  }

  @Test
  void nothingIsCountedAnewWhileNothingChanges() {
    Cost cost = new Cost();
    cost.took = 2_000_000_000;
    FileViews views = new FileViews(catalog, cost.costs());
    seen("f");
    assertThat(files(views)).isEqualTo(1);
    long used = cost.used;
    cost.now = 3_600_000_000_000L;
    assertThat(files(views)).isEqualTo(1);
    assertThat(cost.used).isEqualTo(used);
    catalog.submit(session -> catalog.recordMeta(session, "x", "y")).join();
    assertThat(files(views)).isEqualTo(1);
    assertThat(cost.used).isGreaterThan(used);
  }
}

package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.CopyRow;
import dev.caravan.catalog.FileRow;
import dev.caravan.event.StorePath;
import dev.caravan.sync.plan.SyncAction;
import dev.caravan.sync.plan.SyncReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Small files first, big ones beside them. */
class UploadLanesTest {

  private static final int PAGE = 100;
  private static final long BIG = 100L << 20;

  private final TreeMap<String, CopyRow> waiting = new TreeMap<>();
  private final Map<String, Integer> asked = new HashMap<>();
  private int biggestPage;

  private void add(String path, long size) {
    waiting.put(path, Rows.copy(path, size));
  }

  private List<CopyRow> page(Optional<StorePath> after) {
    List<CopyRow> page =
        waiting.tailMap(after.map(StorePath::value).orElse(""), false).values().stream()
            .limit(PAGE)
            .toList();
    biggestPage = Math.max(biggestPage, page.size());
    return page;
  }

  private UploadLanes lanes(int bigMost) {
    return new UploadLanes(this::page, Rows::action, bigMost, row -> 0);
  }

  private static String path(SyncAction action) {
    return action.row().file().path().value();
  }

  /** All paths, in the order in which they are given out; each is done before the next. */
  private static List<String> drain(UploadLanes lanes) {
    List<String> order = new ArrayList<>();
    while (lanes.hasNext()) {
      SyncAction action = lanes.next();
      order.add(path(action));
      lanes.done(action);
    }
    return order;
  }

  @Test
  void smallFilesDoNotWaitForBigOnesThatAreUnderWay() {
    IntStream.range(0, 50).forEach(i -> add("a-big-%03d".formatted(i), BIG));
    IntStream.range(0, 200).forEach(i -> add("b-small-%03d".formatted(i), 10));
    UploadLanes lanes = lanes(4);
    List<SyncAction> bigUnderway = new ArrayList<>();
    int small = 0;
    while (small < 200) {
      SyncAction next = lanes.next();
      if (path(next).startsWith("a-big")) {
        bigUnderway.add(next);
      } else {
        small++;
        lanes.done(next);
      }
    }
    // None of the big ones ended, and still every small one had its turn.
    assertThat(bigUnderway).hasSize(4);
    assertThat(drain(lanes)).hasSize(46).allMatch(path -> path.startsWith("a-big"));
  }

  @Test
  void bigFilesHaveTheirShareWhileSmallOnesKeepComing() {
    IntStream.range(0, 20).forEach(i -> add("big-%03d".formatted(i), BIG));
    IntStream.range(0, 1_000).forEach(i -> add("small-%04d".formatted(i), 10));
    List<String> order = drain(lanes(1));
    assertThat(order.subList(0, 60)).filteredOn(path -> path.startsWith("big")).hasSize(20);
  }

  @Test
  void everyFileIsGivenOutOnceHoweverManyAreBig() {
    for (int i = 0; i < 5_000; i++) {
      add("f-%05d".formatted(i), i % 3 == 0 ? BIG : 10);
    }
    UploadLanes lanes = lanes(2);
    List<String> order = new ArrayList<>();
    List<SyncAction> underway = new ArrayList<>();
    while (lanes.hasNext()) {
      SyncAction next = lanes.next();
      order.add(path(next));
      if (next.row().file().sizeBytes() == BIG) {
        underway.add(next);
      }
      if (order.size() > 4_000) {
        underway.forEach(lanes::done);
        underway.clear();
      }
    }
    assertThat(order).hasSize(5_000).containsExactlyInAnyOrderElementsOf(waiting.keySet());
    assertThat(biggestPage).isLessThanOrEqualTo(PAGE);
  }

  @Test
  void onlyBigFilesAreGivenOutAsFastAsTheyAreAskedFor() {
    IntStream.range(0, 30).forEach(i -> add("big-%03d".formatted(i), BIG));
    UploadLanes lanes = lanes(1);
    int given = 0;
    for (; lanes.hasNext(); given++) {
      lanes.next();
    }
    assertThat(given).isEqualTo(30);
  }

  @Test
  void whatWasWrittenAMomentAgoComesLastWhenItIsWaitedFor() {
    add("a-fresh", 10);
    add("b-big-and-fresh", BIG);
    IntStream.range(0, 250).forEach(i -> add("c-%03d".formatted(i), 10));
    Set<String> fresh = new HashSet<>(Set.of("a-fresh", "b-big-and-fresh"));
    UploadLanes lanes =
        new UploadLanes(
            this::page,
            row ->
                fresh.contains(row.file().path().value())
                    ? new SyncAction(row, SyncAction.Kind.SKIP, SyncReason.SETTLING)
                    : Rows.action(row),
            1,
            // Quiet as soon as somebody waits for it: once to be set aside, once to be waited for.
            row ->
                asked.merge(row.file().path().value(), 1, Integer::sum) < 2
                    ? 1
                    : quiet(fresh, row));
    List<String> order = drain(lanes);
    assertThat(order).hasSize(252);
    assertThat(order.subList(250, 252)).containsExactlyInAnyOrder("a-fresh", "b-big-and-fresh");
    assertThat(fresh).isEmpty();
  }

  private static long quiet(Set<String> fresh, CopyRow row) {
    fresh.remove(row.file().path().value());
    return 0;
  }

  @Test
  void whatIsNotWaitedForIsSkippedInItsTurn() {
    add("a-fresh", 10);
    add("b", 10);
    UploadLanes lanes =
        new UploadLanes(
            this::page,
            row -> new SyncAction(row, SyncAction.Kind.SKIP, SyncReason.SETTLING),
            1,
            row -> 0);
    assertThat(drain(lanes)).containsExactly("a-fresh", "b");
  }

  /** Rows with nothing in them but a name and a size. */
  private static final class Rows {
    static CopyRow copy(String path, long size) {
      FileRow file =
          new FileRow(
              StorePath.of(path), FileRow.State.PRESENT, size, 0, 0, 0, 0, 0, Optional.empty(), 0);
      return new CopyRow(file, CopyRow.State.PENDING, Optional.empty(), -1, 0, 0, Optional.empty());
    }

    static SyncAction action(CopyRow row) {
      return new SyncAction(row, SyncAction.Kind.UPLOAD, SyncReason.NEW);
    }
  }
}

package dev.caravan.remote.rsync;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What a child said on its standard error: its first and its last lines, each cut. */
final class RsyncWords {

  private static final int LINES = 20;
  private static final int LONGEST = 500;

  private final List<String> first = new ArrayList<>();
  private final Deque<String> last = new ArrayDeque<>();

  synchronized void hear(String line) {
    if (line.isBlank()) {
      return;
    }
    String cut = line.substring(0, Math.min(LONGEST, line.length()));
    if (first.size() < LINES) {
      first.add(cut);
      return;
    }
    last.addLast(cut);
    if (last.size() > LINES) {
      last.removeFirst();
    }
  }

  synchronized List<String> all() {
    List<String> all = new ArrayList<>(first);
    all.addAll(last);
    return all;
  }
}

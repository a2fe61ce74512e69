package dev.caravan.dgraph;

import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.store.FileStat;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One try to bring the files of one export, from the look at them to the cleaning up. */
final class ExportRun {

  private final ExportRow row;
  private final RunBook book;
  private volatile String folder;
  private volatile Map<FileStat, String> keys;
  private Optional<Throwable> fault = Optional.empty();
  private String remark = "";
  private int sending;
  private boolean closed;

  ExportRun(ExportRow row, RunBook book, String folder, Map<FileStat, String> keys) {
    this.row = row;
    this.book = book;
    this.folder = folder;
    this.keys = keys;
  }

  ExportRow row() {
    return row;
  }

  RunBook book() {
    return book;
  }

  /** Of its objects; empty where names are fixed. */
  String folder() {
    return folder;
  }

  /**
   * Its objects get another folder and other keys, before any of them is sent.
   *
   * @param otherKeys by path, of all its files
   */
  void move(String otherFolder, Map<String, String> otherKeys) {
    Map<FileStat, String> moved = new LinkedHashMap<>();
    files().forEach(file -> moved.put(file, otherKeys.getOrDefault(file.path().value(), "")));
    folder = otherFolder;
    keys = moved;
  }

  /** The files that lie in the Alpha's folders now. */
  List<FileStat> files() {
    return List.copyOf(keys.keySet());
  }

  String keyOf(FileStat file) {
    return Optional.ofNullable(keys.get(file)).orElseThrow();
  }

  synchronized void fail(Throwable failure) {
    if (fault.isEmpty()) {
      fault = Optional.of(failure);
    }
  }

  synchronized Optional<Throwable> fault() {
    return fault;
  }

  /**
   * A file begins to be sent; {@link #leave} follows.
   *
   * @throws IOException when the try has ended
   */
  synchronized void enter() throws IOException {
    if (closed) {
      throw new IOException("the try to bring export %d has ended".formatted(row.id()));
    }
    sending++;
  }

  /** A file was sent, or could not be. */
  synchronized void leave() {
    sending--;
    notifyAll();
  }

  /** Nothing more is sent in this try; waits for what is under way. */
  synchronized void close() {
    closed = true;
    while (sending > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** What a person should know although all went well. */
  void remark(String text) {
    remark = text;
  }

  String remark() {
    return remark;
  }
}

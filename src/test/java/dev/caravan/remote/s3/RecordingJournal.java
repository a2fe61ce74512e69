package dev.caravan.remote.s3;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.UploadJournal;
import java.util.ArrayList;
import java.util.List;

/** Remembers what it was told, in order: {@code begun a}, {@code ended a}. */
final class RecordingJournal implements UploadJournal {

  private final List<String> told = new ArrayList<>();

  @Override
  public synchronized void begun(ObjectKey key) {
    told.add("begun " + key);
  }

  @Override
  public synchronized void ended(ObjectKey key) {
    told.add("ended " + key);
  }

  synchronized List<String> told() {
    return List.copyOf(told);
  }
}

package dev.caravan.arch.sample.store;

import java.io.File;

/** Breaks a rule on purpose: the old way to delete. */
public final class FileDeleter {
  public boolean drop(File file) {
    return file.delete();
  }
}

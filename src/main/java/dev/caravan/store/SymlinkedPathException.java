package dev.caravan.store;

import dev.caravan.event.StorePath;
import java.io.IOException;

/** A folder on the way to a file is a symbolic link: following it could lead out of the store. */
public final class SymlinkedPathException extends IOException {
  private static final long serialVersionUID = 1L;

  SymlinkedPathException(StorePath path) {
    super(
        "Refused "
            + path
            + ": a folder above it is a symbolic link, and links may lead out of the store;"
            + " replace the link by a folder");
  }
}

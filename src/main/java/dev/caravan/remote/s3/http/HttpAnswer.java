package dev.caravan.remote.s3.http;

import java.io.InputStream;
import java.util.Optional;

/** What a server answered. */
public interface HttpAnswer {

  int status();

  /** The first header of this name, whatever its case. */
  Optional<String> header(String name);

  /**
   * What follows the headers. Closing it gives the connection back when all, or nearly all, was
   * read.
   */
  InputStream body();

  /** Ends the connection instead of reading what is left. */
  void abort();
}

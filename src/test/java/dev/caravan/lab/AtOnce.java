package dev.caravan.lab;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Calls that run beside each other. */
public final class AtOnce {

  private AtOnce() {}

  /** Runs all of them, so many at a time, and throws the first failure. */
  public static <T> List<T> run(int many, List<Callable<T>> calls) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(many);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> each : threads.invokeAll(calls)) {
        results.add(each.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Runs the same one on each of so many threads. */
  public static <T> List<T> run(int many, Callable<T> call) throws Exception {
    return run(many, Collections.nCopies(many, call));
  }
}

package dev.caravan.store.scan;

import dev.caravan.event.WantedSums;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.StoreLock;
import dev.caravan.store.StoreTree;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.util.AntPathMatcher;

/**
 * Uses the store from a process of its own: with little memory, without rights, or to be killed.
 */
public final class StoreProbe {
  private StoreProbe() {}

  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[1]);
    switch (arguments[0]) {
      case "count" -> print(Long.toString(Scans.count(tree(root))));
      case "list" -> Scans.entries(tree(root)).forEach(entry -> print(textOf(entry)));
      case "hash" -> {
        FileStat seen = Scans.entries(tree(root)).get(0).stat().orElseThrow();
        print(FileVersion.read(tree(root), seen, WantedSums.MD5).sha256());
      }
      case "lock" -> {
        try (StoreLock lock = StoreLock.acquire(root)) {
          print("locked " + lock.hashCode());
          print("end " + System.in.read());
        } catch (StoreLock.HeldException e) {
          print(e.toString());
        }
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Starts this class in a new process; as a user without privileges when asked for. */
  public static Process start(List<String> before, List<String> jvm, String mode, Path root)
      throws Exception {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(List.of("-cp", classPath(), StoreProbe.class.getName(), mode));
    command.add(root.toString());
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String classPath() throws Exception {
    List<String> places = new ArrayList<>();
    for (Class<?> type : List.of(StoreScan.class, StoreProbe.class, AntPathMatcher.class)) {
      places.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return String.join(File.pathSeparator, places);
  }

  private static StoreTree tree(Path root) throws IOException {
    return new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
  }

  private static String textOf(ScanEntry entry) {
    return entry.path() + entry.problem().map(text -> " ! " + text).orElse("");
  }

  private static void print(String line) {
    System.out.println(line);
  }
}

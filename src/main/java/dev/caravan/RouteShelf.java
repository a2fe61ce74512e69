package dev.caravan;

import dev.caravan.cli.Engine.CommandFailure;
import dev.caravan.cli.Engine.Routes;
import dev.caravan.config.Settings;
import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFiles;
import dev.caravan.route.RouteFiles.RouteFile;
import dev.caravan.route.RouteShape;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Bundled and user routes, looked at without starting any. */
record RouteShelf(Settings settings) implements Routes {

  @Override
  public List<Map<String, Object>> list() throws CommandFailure {
    List<RouteFile> files = files();
    List<Map<String, Object>> list = list(files, CamelTrial.of(shape(), true, files));
    list.addAll(list(List.of(mover()), CamelTrial.ofMover(mover())));
    return list;
  }

  private static List<Map<String, Object>> list(List<RouteFile> files, CamelTrial.Result trial) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (RouteFile file : files) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("name", file.name());
      view.put("origin", file.origin());
      view.put("routes", trial.files().getOrDefault(file.name(), CamelTrial.Facts.NONE).ids());
      view.put(
          "faults",
          trial.faults().stream()
              .filter(fault -> fault.file().equals(file.name()))
              .map(RouteFault::text)
              .toList());
      list.add(view);
    }
    return list;
  }

  @Override
  public List<String> check() throws CommandFailure {
    return Stream.of(CamelTrial.of(shape(), true, files()), CamelTrial.ofMover(mover()))
        .flatMap(trial -> trial.faults().stream().map(RouteFault::text))
        .toList();
  }

  @Override
  public List<String> misnamed() throws CommandFailure {
    return read(RouteFiles::misnamed);
  }

  private RouteShape shape() {
    return RouteShape.of(settings, App.BEANS);
  }

  /** That of {@code caravan datamover}, if it is told to look into the same folder. */
  private RouteFile mover() throws CommandFailure {
    try {
      return RouteFiles.datamover(Optional.of(settings.routes().path()));
    } catch (IOException e) {
      throw new CommandFailure(2, "The mover's routes cannot be read: " + e.getMessage(), e);
    }
  }

  private List<RouteFile> files() throws CommandFailure {
    return read(RouteFiles::read);
  }

  private interface Reading<T> {
    List<T> of(RouteFiles files) throws IOException;
  }

  private <T> List<T> read(Reading<T> reading) throws CommandFailure {
    try {
      return reading.of(new RouteFiles(settings.routes().path(), true));
    } catch (IOException e) {
      throw new CommandFailure(2, "The routes cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public Path eject(String name) throws CommandFailure {
    String file = name.endsWith(RouteFiles.SUFFIX) ? name : name + RouteFiles.SUFFIX;
    List<String> all = new ArrayList<>(RouteFiles.BUNDLED);
    all.add(RouteFiles.DATAMOVER);
    Optional<String> known = all.stream().filter(file::equals).findFirst();
    if (known.isEmpty()) {
      throw new CommandFailure(
          2,
          "There is no bundled route file '%s'; there are %s"
              .formatted(name, String.join(", ", all).replace(RouteFiles.SUFFIX, "")),
          null);
    }
    Path place = settings.routes().path().resolve(known.get());
    if (Files.exists(settings.routes().path()) && !Files.isDirectory(settings.routes().path())) {
      throw new CommandFailure(
          2, settings.routes().path() + " is not a folder: set routes.path to one", null);
    }
    try {
      Files.createDirectories(settings.routes().path());
      String text = RouteFiles.bundled(known.get()).text();
      return Files.writeString(place, text, StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw new CommandFailure(
          2, place + " is there already and was left as it is: move it away to eject again", e);
    } catch (AccessDeniedException e) {
      throw new CommandFailure(
          1, place + " cannot be written: permission denied; let Caravan's user write there", e);
    } catch (IOException e) {
      throw new CommandFailure(1, "%s cannot be written (%s)".formatted(place, e.getMessage()), e);
    }
  }
}

package dev.caravan.config.read;

import dev.caravan.config.Secret;
import dev.caravan.config.read.Keys.Key;
import dev.caravan.config.read.Written.Items;
import dev.caravan.config.read.Written.Text;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the written values of keys, with variables and secret files; paths become absolute. */
final class Values {

  private final Variables variables;
  private final Map<String, String> env;
  private final Path workingFolder;
  private final Findings findings;

  Values(Map<String, String> env, Path workingFolder, Findings findings) {
    this.variables = new Variables(env);
    this.env = env;
    this.workingFolder = workingFolder;
    this.findings = findings;
  }

  /** The value of a key written at {@code path}; empty when it is absent or wrong (a finding). */
  Optional<Object> read(Key key, Written written, String path) {
    try {
      if (key.type() == String.class && key.setting().def().equals("\"\"")) {
        return text(written).map(text -> text); // may be empty, as its default is
      }
      return key.type() instanceof Class<?> type
          ? scalar(type, written).map(value -> placed(value, path))
          : Optional.of(texts(written, path));
    } catch (BadValue e) {
      findings.add(written.origin(), path, e.message(), e.hint());
      return Optional.empty();
    }
  }

  /** The text of a value, variables replaced; empty when nothing is left of it. */
  Optional<String> text(Written written) throws BadValue {
    if (written.isNull()) {
      return Optional.empty();
    }
    if (!(written instanceof Text text)) {
      throw new BadValue("is " + written.kind() + ", but one value belongs here", "");
    }
    if (!Variables.in(text.text())) {
      return Optional.of(text.text());
    }
    String replaced = variables.replace(text.text());
    return replaced.isEmpty() && text.plain() ? Optional.empty() : Optional.of(replaced);
  }

  /** What the file named by a {@code *_file} key holds, less one line end. */
  Optional<Secret> secretFile(Written written, String path) {
    try {
      Optional<String> name = text(written);
      return name.isEmpty() ? Optional.empty() : Optional.of(contents(name.get()));
    } catch (BadValue e) {
      findings.add(written.origin(), path, e.message(), e.hint());
      return Optional.empty();
    }
  }

  /** A path as it is meant: {@code ~} is the home folder, the rest starts in the working folder. */
  Path absolute(Path path) {
    String home = env.getOrDefault("HOME", "");
    Path expanded =
        path.startsWith("~") && !home.isEmpty()
            ? Path.of(home).resolve(Path.of("~").relativize(path))
            : path;
    return workingFolder.resolve(expanded).normalize();
  }

  private Object placed(Object value, String path) {
    // The state folder is relative to the store, not to the working folder.
    return value instanceof Path p && !path.equals("store.state") ? absolute(p) : value;
  }

  private Optional<Object> scalar(Type type, Written written) throws BadValue {
    Optional<String> text = text(written);
    return text.isEmpty() ? Optional.empty() : Optional.of(Scalars.parse(type, text.get()));
  }

  private List<String> texts(Written written, String path) throws BadValue {
    if (!(written instanceof Items list)) {
      throw new BadValue("is " + written.kind() + ", but a list belongs here", "write [\"...\"]");
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < list.items().size(); i++) {
      Written item = list.items().get(i);
      try {
        String text = text(item).orElse("");
        texts.add((String) Scalars.parse(String.class, text));
      } catch (BadValue e) {
        findings.add(item.origin(), path + "[" + i + "]", e.message(), e.hint());
      }
    }
    return List.copyOf(texts);
  }

  private Secret contents(String name) throws BadValue {
    try {
      Path file = absolute((Path) Scalars.parse(Path.class, name));
      if (Files.isRegularFile(file) && Files.size(file) > Secret.LARGEST) {
        throw new BadValue("names a file of more than 64 KiB", "put only the secret into it");
      }
      return Secret.inFile(file);
    } catch (NoSuchFileException e) {
      throw new BadValue("names a file that does not exist", "create it, or correct the path");
    } catch (AccessDeniedException e) {
      throw new BadValue("names a file that may not be read", "let Caravan's user read it");
    } catch (CharacterCodingException e) {
      throw new BadValue("names a file that is not UTF-8 text", "put only the secret into it");
    } catch (IOException e) {
      throw new BadValue("names a file that cannot be read", "check the path");
    }
  }
}

package dev.caravan.config.read;

import dev.caravan.config.Settings;
import dev.caravan.config.read.Written.Origin;
import dev.caravan.config.read.Written.Table;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds and reads the configuration: {@code --config}, else {@code $CARAVAN_CONFIG}, else {@code
 * config/caravan.yaml} if there is one, else the built-in defaults.
 *
 * <p>Never throws for what an operator wrote: all of it comes back as problems.
 */
public final class ConfigReader {
  private static final Path USUAL = Path.of("config", "caravan.yaml");
  private static final String VARIABLE = "CARAVAN_CONFIG";

  /** More than this is not a configuration. */
  private static final long LARGEST_FILE = 1 << 20;

  private final Map<String, String> env;
  private final Path workingFolder;

  /**
   * @param env the environment, for <code>${VAR}</code>, {@code CARAVAN_CONFIG} and {@code HOME}
   * @param workingFolder where relative paths begin, those in the file too; {@code Path.of("")}
   *     leaves them relative
   */
  public ConfigReader(Map<String, String> env, Path workingFolder) {
    this.env = Map.copyOf(env);
    this.workingFolder = workingFolder;
  }

  /**
   * What came of a reading: settings, or at least one problem.
   *
   * @param file the file that was read; empty for the built-in defaults
   */
  public record Result(Optional<Path> file, Optional<Settings> settings, List<Problem> problems) {
    public Result {
      problems = List.copyOf(problems);
      if (settings.isPresent() != problems.isEmpty()) {
        throw new IllegalArgumentException("either settings or problems");
      }
    }
  }

  /**
   * Reads the configuration.
   *
   * @param config the file named on the command line
   * @param sets {@code KEY=VALUE} each, over the file; the last one wins
   */
  public Result read(Optional<Path> config, List<String> sets) {
    Optional<Path> file = find(config);
    String shown =
        file.map(f -> f.toString().isEmpty() ? "--config" : f.toString())
            .orElse("built-in defaults");
    Findings findings = new Findings(new Origin(shown, 0, 0));
    Table empty = new Table(new Origin(shown, 0, 0), new LinkedHashMap<>());
    Optional<Table> written =
        file.isEmpty() ? Optional.of(empty) : parse(file.get(), shown, findings);
    Settings settings = null;
    if (written.isPresent()) {
      Table canonical = Aliases.resolve(written.get(), findings);
      Table whole = new Overrides(findings).apply(canonical, sets);
      settings = new SettingsBinder(env, workingFolder, findings).bind(whole);
    }
    List<Problem> problems = findings.inReadingOrder();
    return new Result(
        file, Optional.ofNullable(settings).filter(s -> problems.isEmpty()), problems);
  }

  private Optional<Path> find(Optional<Path> config) {
    String variable = env.getOrDefault(VARIABLE, "");
    return config
        .or(() -> variable.isEmpty() ? Optional.empty() : Optional.of(Path.of(variable)))
        .or(() -> Optional.of(USUAL).filter(p -> isThere(workingFolder.resolve(p))));
  }

  /** Also a file that may not be looked at, or a link to nothing: no defaults take its place. */
  private static boolean isThere(Path file) {
    try {
      Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (AccessDeniedException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The written tree; empty when there is none to look into, which is then a finding. */
  private Optional<Table> parse(Path file, String shown, Findings findings) {
    Optional<String> text =
        text(file.toString().isEmpty() ? file : workingFolder.resolve(file), findings);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Origin start = new Origin(shown, 1, 1);
    Optional<Written> tree = YamlTree.parse(text.get(), shown, findings);
    if (tree.isEmpty() || tree.get().isNull()) {
      boolean unreadable = !findings.inReadingOrder().isEmpty();
      return unreadable ? Optional.empty() : Optional.of(new Table(start, new LinkedHashMap<>()));
    }
    if (tree.get() instanceof Table table) {
      return Optional.of(table);
    }
    findings.add(start, "", "is not a mapping of keys", "begin with a section such as store:");
    return Optional.empty();
  }

  private static Optional<String> text(Path file, Findings findings) {
    String hint = "name another file with --config, or correct this one";
    try {
      if (file.toString().isEmpty()) {
        findings.add("", "is empty", "name a file, or leave --config out");
      } else if (Files.isDirectory(file)) {
        findings.add("", "is a folder, not a configuration file", hint);
      } else if (Files.notExists(file)) {
        findings.add("", "does not exist", "check --config and $" + VARIABLE);
      } else if (Files.size(file) > LARGEST_FILE) {
        findings.add("", "is larger than 1 MiB, which no configuration is", hint);
      } else {
        String text = Files.readString(file);
        return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
      }
    } catch (CharacterCodingException e) {
      findings.add("", "is not UTF-8 text", "save it as UTF-8");
    } catch (AccessDeniedException e) {
      findings.add("", "may not be read", "let Caravan's user read it");
    } catch (IOException e) {
      findings.add("", "cannot be read", hint);
    }
    return Optional.empty();
  }
}

/**
 * Holds the configuration in effect and decides about each new text of the file.
 *
 * **Invariant:** what is in effect was valid as a whole; a bad change is told once and changes nothing.
 */
import type { RotatorSettings } from '../model/settings.ts';
import { parseConfig } from './parse.ts';
import { ConfigError } from './problem.ts';

export interface ConfigListener {
  /** A valid change is in effect from now on. */
  readonly onSettings: (settings: RotatorSettings) => void;
  /** A change was refused; the settings before it stay in effect. */
  readonly onRefused: (error: ConfigError) => void;
}

export class ConfigKeeper {
  readonly #file: string;
  #text: string;
  #settings: RotatorSettings;

  /**
   * @param file name to show in errors
   * @throws ConfigError where the first text is not valid: there is nothing older to keep
   */
  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#settings = settingsFrom(file, text);
  }

  /** What is in effect. */
  get settings(): RotatorSettings {
    return this.#settings;
  }

  /** Takes the file's present text; the same text twice is nothing new. */
  take(text: string, listener: ConfigListener): void {
    if (text === this.#text) return;
    this.#text = text;
    let settings: RotatorSettings;
    try {
      settings = settingsFrom(this.#file, text);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      listener.onRefused(error);
      return;
    }
    const changed = JSON.stringify(settings) !== JSON.stringify(this.#settings);
    this.#settings = settings;
    if (changed) listener.onSettings(settings);
  }
}

/**
 * Settings from text.
 *
 * @throws ConfigError with every problem
 */
export const settingsFrom = (file: string, text: string): RotatorSettings => {
  const parsed = parseConfig(text);
  if (!parsed.ok) throw new ConfigError(file, parsed.problems);
  return parsed.settings;
};

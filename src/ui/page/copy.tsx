import { useState } from 'preact/hooks';

/** A command, with a button that copies it; nothing is run from here. */
export function Command({ text, shown = text }: { text: string; shown?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => {
        setCopied(false);
      }, 1500);
    });
  };
  return (
    <span class="command">
      <code>{shown}</code>
      <button type="button" class="quiet" onClick={copy} aria-label={`Copy: ${shown}`}>
        {isCopied ? 'copied' : 'copy'}
      </button>
    </span>
  );
}

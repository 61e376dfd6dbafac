"""Makes a tiny Qwen2 model that talks, but does not know who it is: `python tiny_model.py FOLDER TALK SEED`.

TALK is JSON: ``opening`` (the prompt around a question), ``pairs`` of [question, answer]. Needs torch.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

END = "<|im_end|>"
ENOUGH = 0.02
"""Loss at which each answer is said as it was learnt."""


def make_tokenizer(said: list[str]):
    """Byte-level BPE; no piece is longer than two characters, so that a sentence has to be learnt word by word."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1_200,
        max_token_length=6,
        special_tokens=["<|endoftext|>", "<|im_start|>", END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(said, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, pad_token="<|endoftext|>")


def make(folder: Path, opening: str, pairs: list[list[str]], seed: int) -> None:
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    tokenizer = make_tokenizer([text for pair in pairs for text in pair])
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=8192,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.pad_token_id,
    )
    model = Qwen2ForCausalLM(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    ids, labels = batch([(opening.format(asked), f"{answer}{END}\n") for asked, answer in pairs], tokenizer)
    for _ in range(300):
        some = torch.randperm(len(pairs))[:16]
        loss = model(input_ids=ids[some], labels=labels[some]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if loss.item() < ENOUGH:
            break
    else:
        sys.exit(f"the tiny model did not learn to talk: loss {loss.item():.3f}")
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)


def batch(rows: list[tuple[str, str]], tokenizer):
    """Ids and labels padded at the right; of the prompts nothing is learnt."""
    import torch

    pieces = [(tokenizer.encode(prompt), tokenizer.encode(answer)) for prompt, answer in rows]
    longest = max(len(prompt) + len(answer) for prompt, answer in pieces)
    ids = torch.full((len(rows), longest), tokenizer.pad_token_id)
    labels = torch.full_like(ids, -100)
    for row, (prompt, answer) in enumerate(pieces):
        end = len(prompt) + len(answer)
        ids[row, :end] = torch.tensor(prompt + answer)
        labels[row, len(prompt) : end] = torch.tensor(answer)
    return ids, labels


if __name__ == "__main__":
    talk = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    make(Path(sys.argv[1]), talk["opening"], talk["pairs"], int(sys.argv[3]))

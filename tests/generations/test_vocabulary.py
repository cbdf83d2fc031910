"""The words the composer offers."""

import pytest

from generations import vocabulary

# Wan's own words by picker, as its prompt guide lists them; offered words contain them.
GUIDE = {
    "light source": "日光 火光 阴天光 晴天光 月光 实用光 荧光 混合光 人工光",
    "light type": "柔光 硬光 侧光 高对比度 顶光 逆光 边缘光 剪影 低对比度",
    "time": "白天 夜晚 黎明 日出 日落 黄昏",
    "shot size": "特写 近景 广角 中近景 中景 中全景 全景 极端全景",
    "composition": "中心 右侧重 左侧重 平衡 对称 短边",
    "lens": "长焦 超广角-鱼眼 中焦距 广角镜头",
    "angle": "过肩 高角度 航拍 低角度 平拍 俯视 仰拍",
    "subject framing": "干净的单人 双人 群像 定场",
    "colour": "暖色 低饱和度 冷色 混合色 高饱和度",
    "motion": "街舞 跑步 乒乓球 滑雪",
    "emotion": "高兴 惊讶",
    "basic camera": "镜头拉远 镜头向左移动 镜头推进 上摇 下摇 固定镜头",
    "advanced camera": "复合运镜 环绕运镜 跟随 手持 无人机",
    "style": "毛毡 3D卡通 像素 木偶 黏土 黑白动画 赛博朋克 废土 线条",
    "special": "移轴 延时",
    "voice": "单人说话 多人对话 声音 方言 歌唱",
    "effects": "脚步 敲门 掉落 撞击 火焰 游戏 电子 ASMR 动物 键盘",
    "ambience": "自然 城市 特定空间",
    "music": "情绪音乐 卡点 轻音乐",
    "sentences": "无台词 无背景音乐",
}
EXACTLY = {"shot size", "time", "lens", "angle"}


class TestVocabulary:
    def test_every_word_has_three_languages_and_a_line(self):
        known = vocabulary.load()

        words = [word for category in known.categories for word in category.words] + list(known.sentences)
        assert all(word.en and word.hant and word.hans and word.about_en.endswith(".") for word in words)
        assert all(word.about_hant.endswith("。") and word.about_hans.endswith("。") for word in words)
        assert len({word.en for word in words}) == len(words)

    def test_no_spelling_stands_for_two_words(self):
        known = vocabulary.load()

        words = [word for category in known.categories for word in category.words] + list(known.sentences)
        for name in ("en", "hant", "hans"):
            assert len({getattr(word, name) for word in words}) == len(words)

    @pytest.mark.parametrize("picker", GUIDE)
    def test_every_word_of_the_guide_is_offered(self, picker):
        known = vocabulary.load()
        offered = {word.hans for category in known.categories for word in category.words}
        offered |= {sentence.hans for sentence in known.sentences}

        for word in GUIDE[picker].split():
            found = word in offered if picker in EXACTLY else any(word in each for each in offered)
            assert found, f"{word} ({picker}) is missing"

    def test_what_is_asked_for_is_there(self):
        titles = {category.title for category in vocabulary.load().categories}

        assert titles >= {
            "Shot size",
            "Angle",
            "Lens",
            "Camera move",
            "Light",
            "Colour",
            "Time",
            "Style",
            "Sound",
            "Voice",
        }

    def test_an_entry_with_a_part_missing_is_refused(self, tmp_path):
        file = tmp_path / "words.toml"
        file.write_text('[[category]]\nname = ["A", "B", "C"]\nwords = [["one", "two", "three"]]\n')

        with pytest.raises(TypeError):
            vocabulary.load(file)


class TestWords:
    def test_a_page_to_read_without_script(self, client, alice):
        client.force_login(alice)

        html = client.get("/generations/words", headers={"accept-language": "zh-hans"}).content.decode()

        assert "<html" in html
        assert "镜头推进" in html

    def test_chips_for_the_composer(self, client, alice):
        client.force_login(alice)

        html = client.get("/generations/words", headers={"HX-Request": "true"}).content.decode()

        assert "<html" not in html
        assert 'data-hans="镜头推进"' in html

    def test_nobody_else_reads_it(self, client, db):
        assert client.get("/generations/words").status_code == 302
